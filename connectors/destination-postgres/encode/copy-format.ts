import type { CopyInFormat } from "../../postgres/copy-in.ts";

/** Takes rows apart that were written for COPY, to mend one that the server refused. */
export interface CopyFormat extends CopyInFormat {
  /** The index after the row at `at`. */
  rowEnd(bytes: Buffer, at: number): number;
  /** The fields of the row at `at` as they are spelled; null for NULL. */
  fieldsOf(bytes: Buffer, at: number): (Buffer | null)[];
  /** One of them, by its index. */
  fieldOf(bytes: Buffer, at: number, index: number): Buffer | null;
  /** A row of such fields. */
  rowOf(fields: readonly (Buffer | null)[]): Buffer;
  /** The text of a field. Of binary fields only texts have one. */
  textOf(field: Buffer): string;
  /** The text of a jsonb field, and a field of such text. */
  jsonbText(field: Buffer): string;
  jsonbField(text: string): Buffer;
}
