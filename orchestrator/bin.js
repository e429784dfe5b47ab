#!/usr/bin/env node
import { createRequire } from "module"; // as older Node spells it
import "../supported.js";

createRequire(import.meta.url)("../dist/orchestrator/main.cjs");
