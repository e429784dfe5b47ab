/** A table that is followed, and by what the log knows its rows. */
export interface Followed {
  readonly name: string;
  /** Columns by which records of a row belong together; none: the table has no key. */
  readonly key: readonly string[];
  /** Whether the log has whole old rows from the start. */
  readonly isFull: boolean;
  readonly definition: string;
}

const COLUMNS = `
  id bigint not null, code text not null, version bigint not null default nextval('versions'), note text,
  body text, amount numeric, at timestamptz, attributes jsonb, spare text`;

/** So that a value lies outside its row, and the log leaves it out where nobody changed it. */
const TOASTED = (name: string) => `alter table ${name} alter body set storage external`;

const table = (name: string, rest: string) => `
  create table ${name} (${COLUMNS}, primary key (id)); ${TOASTED(name)}; ${rest}`;

/** Of every kind of identity one; `later` is added to the streams when others are followed already. */
export const FOLLOWED: readonly Followed[] = [
  { name: "plain", key: ["id"], isFull: false, definition: table("plain", "") },
  { name: "keyed", key: ["id"], isFull: false, definition: table("keyed", "") },
  {
    name: "whole",
    key: ["id"],
    isFull: true,
    definition: table("whole", "alter table whole replica identity full"),
  },
  {
    name: "indexed",
    key: ["code"],
    isFull: false,
    definition: table(
      "indexed",
      "create unique index codes on indexed (code); alter table indexed replica identity using index codes",
    ),
  },
  {
    name: "parted",
    key: ["id"],
    isFull: false,
    definition: `
      create table parted (${COLUMNS}, primary key (id)) partition by hash (id);
      ${[0, 1, 2].map((n) => `create table parted_${n} partition of parted for values with (modulus 3, remainder ${n}); ${TOASTED(`parted_${n}`)}`).join(";\n")}`,
  },
  {
    name: "keyless",
    key: [],
    isFull: true,
    definition: `create table keyless (${COLUMNS}); ${TOASTED("keyless")}; alter table keyless replica identity full`,
  },
  { name: "later", key: ["id"], isFull: false, definition: table("later", "") },
];

/** Those of their columns that always are there, and the types by which their values are compared. */
export const TYPES: Readonly<Record<string, string>> = {
  id: "bigint",
  code: "text",
  version: "bigint",
  note: "text",
  body: "text",
  amount: "numeric",
  at: "timestamptz",
  attributes: "jsonb",
};

/** The table that a name in the log is of, with its schema; partitions are their table's. */
export function followed(name: string): Followed | undefined {
  const plain = name.replace(/^public\./, "").replace(/^(parted)_\d$/, "$1");
  return FOLLOWED.find((one) => one.name === plain);
}

/** Everything that the source has before anybody writes or follows. */
export const schema = (): string => `
  create sequence versions;
  ${FOLLOWED.map(({ definition }) => `${definition};`).join("\n")}
  create table unfollowed (id bigint primary key);
`;
