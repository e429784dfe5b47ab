import { add } from "./add.ts";
import { adopt } from "./adopt.ts";
import { catalog } from "./catalog.ts";
import { check } from "./check.ts";
import { clear } from "./clear.ts";
import type { Command, CommandGroup } from "./command.ts";
import { completion } from "./completion.ts";
import { copy } from "./copy.ts";
import { demo } from "./demo.ts";
import { discover } from "./discover.ts";
import { init } from "./init.ts";
import { jobs } from "./jobs.ts";
import { logs } from "./logs.ts";
import { normalize } from "./normalize.ts";
import { plan } from "./plan.ts";
import { prune } from "./prune.ts";
import { refresh } from "./refresh.ts";
import { report } from "./report.ts";
import { serve } from "./serve.ts";
import { settings } from "./settings.ts";
import { state } from "./state.ts";
import { status } from "./status.ts";
import { sync } from "./sync.ts";
import { why } from "./why.ts";

/** Every command, in the order of the help. */
export const COMMANDS: readonly (Command | CommandGroup)[] = [
  copy,
  init,
  add,
  settings,
  check,
  discover,
  catalog,
  plan,
  sync,
  serve,
  demo,
  status,
  jobs,
  logs,
  prune,
  why,
  report,
  state,
  clear,
  refresh,
  normalize,
  adopt,
  completion,
];
