import { ATTEMPT } from "./defects/attempt.mjs";
import { CDC_GAPS } from "./defects/cdc-gaps.mjs";
import { CDC_LOG } from "./defects/cdc-log.mjs";
import { CHANGED } from "./defects/changes.mjs";
import { CONNECTION } from "./defects/connection.mjs";
import { CONNECTORS } from "./defects/connectors.mjs";
import { DESTINATION } from "./defects/destination.mjs";
import { FOLLOWING } from "./defects/following.mjs";
import { FRAMING } from "./defects/framing.mjs";
import { LEDGER } from "./defects/ledger.mjs";
import { MERGED } from "./defects/merge.mjs";
import { NOTIFIED } from "./defects/notify.mjs";
import { PAGE } from "./defects/page.mjs";
import { POSITIONS } from "./defects/positions.mjs";
import { RELAY } from "./defects/relay.mjs";
import { SERVE_HTTP } from "./defects/serve-http.mjs";
import { SERVE } from "./defects/serve.mjs";
import { SESSIONS } from "./defects/sessions.mjs";
import { SETUP } from "./defects/setup.mjs";
import { LOGS } from "./defects/log.mjs";
import { SLOTS } from "./defects/slot.mjs";
import { SOURCE } from "./defects/source.mjs";
import { STORE } from "./defects/store.mjs";
import { SWAP } from "./defects/swap.mjs";
import { VALUES } from "./defects/values.mjs";
import { WORDS } from "./defects/words.mjs";
import { WRITER } from "./defects/writer.mjs";

/** All of them, from the source's bytes to the destination's commit and back. */
export const MUTANTS = [
  ...LOGS,
  ...CDC_GAPS,
  ...SLOTS,
  ...SOURCE,
  ...FRAMING,
  ...RELAY,
  ...LEDGER,
  ...WRITER,
  ...DESTINATION,
  ...CONNECTION,
  ...SWAP,
  ...MERGED,
  ...CHANGED,
  ...VALUES,
  ...ATTEMPT,
  ...FOLLOWING,
  ...SESSIONS,
  ...POSITIONS,
  ...PAGE,
  ...STORE,
  ...CONNECTORS,
  ...WORDS,
  ...SETUP,
  ...CDC_LOG,
  ...NOTIFIED,
  ...SERVE_HTTP,
  ...SERVE,
];
