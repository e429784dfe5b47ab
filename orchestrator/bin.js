#!/usr/bin/env node
import "../dist/orchestrator/main.js";
