#!/usr/bin/env node
import "../../dist/connectors/destination-postgres/main.js";
