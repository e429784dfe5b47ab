#!/usr/bin/env node
import "../../dist/connectors/source-postgres/main.js";
