import { commonType } from "../plan/widening.ts";

/** What is noted of a column. */
export interface NotedColumn {
  /** `pg_attribute.attnum`: no other column of the table ever gets it. */
  readonly place: number;
  /** As `format_type` prints it. */
  readonly type: string;
  /** The type itself, whatever it is called meanwhile. */
  readonly typeId: number;
  readonly modifier: number;
}

/** The columns of a table, by name. */
export type NotedColumns = Readonly<Record<string, NotedColumn>>;

/** What somebody did to a column of ours, so that it may not have its values any more. */
export interface ColumnChange {
  readonly name: string;
  readonly isRenamed: boolean;
  /** A clause for messages. */
  readonly text: string;
}

/**
 * The columns that are not there any more, or whose type does not hold all values that the former one
 * held. Types are ours to widen, and columns to add: neither is a change.
 */
export function columnChanges(then: NotedColumns, now: NotedColumns): ColumnChange[] {
  return Object.entries(then).flatMap(([name, former]): ColumnChange[] => {
    const current = now[name];
    if (current === undefined) {
      const other = Object.entries(now).find(([, { place }]) => place === former.place)?.[0];
      return other === undefined
        ? [{ name, isRenamed: false, text: `its column ${name} is gone` }]
        : [{ name, isRenamed: true, text: `its column ${name} is called ${other} now` }];
    }
    if (current.place !== former.place)
      return [{ name, isRenamed: false, text: `its column ${name} is gone, another has its name` }];
    if (holdsAll(current, former)) return [];
    const text = `its column ${name} was ${former.type} and is ${current.type}`;
    return [{ name, isRenamed: false, text }];
  });
}

function holdsAll(current: NotedColumn, former: NotedColumn): boolean {
  if (current.typeId === former.typeId && current.modifier === former.modifier) return true;
  const type = asText(current.type);
  return commonType(type, asText(former.type)) === type;
}

/** Without a length the two hold the same. */
function asText(type: string): string {
  return type.replace(/^character varying(?=(\[\])*$)/, "text");
}
