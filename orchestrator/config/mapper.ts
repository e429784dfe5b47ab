/** When a record passes a filter. Values are compared as texts; an absent field equals nothing. */
export type Condition =
  | { readonly equal: { readonly field: string; readonly value: string } }
  | { readonly not: readonly Condition[] }
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] };

/** One change to every record of a stream. Fields are top-level columns, by the source's names. */
export type Mapper =
  | {
      readonly type: "hash";
      readonly field: string;
      /** Default SHA-256. */
      readonly method?: string;
      /** Put behind the column's name; default `_hashed`. */
      readonly suffix?: string;
    }
  | { readonly type: "rename"; readonly field: string; readonly to: string }
  | { readonly type: "drop"; readonly field: string }
  | { readonly type: "filter"; readonly condition: Condition };
