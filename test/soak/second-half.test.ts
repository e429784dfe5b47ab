/** @guarantee every-row-arrives */
/** @guarantee added-once */
/** @guarantee replaced-whole */
import { describeSeeds } from "./describe-seeds.ts";

describeSeeds(1);
