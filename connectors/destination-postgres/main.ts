import { runDestination } from "../kit/destination-main.ts";
import { destinationDefinition } from "./definition.ts";

await runDestination(destinationDefinition, process);
