import type { FailureReport } from "../../store/jobs.ts";
import type { PlanFacts } from "../service.ts";
import type { Frame } from "./frame.ts";
import { Layout } from "./layout.tsx";
import { Action, FailureCard, Wide } from "./parts.tsx";
import type { Markup } from "./render.ts";
import { placeOf } from "./words.ts";

/** What a sync would do, or why nobody can say. */
export function PlanPage({
  connection,
  plan,
  frame,
}: {
  readonly connection: string;
  readonly plan: PlanFacts | Pick<FailureReport, "code" | "kind" | "message" | "hint">;
  readonly frame: Frame;
}): Markup {
  return (
    <Layout title={`Plan of ${connection}`} place="connections" frame={frame}>
      <p>
        <a href={placeOf(connection)}>{connection}</a>
      </p>
      <h1>What a sync would do</h1>
      {"lines" in plan ? (
        <>
          {plan.exit_status === 0 ? null : (
            <p class="note bad">Some of it would be refused; the lines below say what and why.</p>
          )}
          <Wide label="The plan">
            <pre>{plan.lines.join("\n")}</pre>
          </Wide>
          <Action to={placeOf(connection, "sync")} label="Sync now" look="main" />
        </>
      ) : (
        <FailureCard failure={plan} />
      )}
    </Layout>
  );
}
