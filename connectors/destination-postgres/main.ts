import { runDestination } from "../kit/destination-main.ts";
import { ownProcess } from "../kit/own-process.ts";
import { destinationDefinition } from "./definition.ts";

void runDestination(destinationDefinition, ownProcess());
