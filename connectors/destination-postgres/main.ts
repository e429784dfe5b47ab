import { runDestination } from "../kit/destination-main.ts";
import { destinationDefinition } from "./definition.ts";

void runDestination(destinationDefinition, process);
