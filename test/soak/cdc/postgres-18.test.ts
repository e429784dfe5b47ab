/** @guarantee every-row-arrives */
/** @guarantee added-once */
/** @guarantee slot-behind-commits */
/** @guarantee versions-in-order */
import { describeSeeds } from "./describe-seeds.ts";

describeSeeds(0, 18);
