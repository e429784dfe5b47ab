import { anyObject, arrayOf, boolean, integer, object, oneOfWords, text } from "./builders.ts";

const path = arrayOf(text, { examples: [["id"]] });
const paths = arrayOf(path, { examples: [[["id"]]] });

/** A stream as `discover` announces it. Unknown sync modes are let pass. */
export const streamSchema = object(
  { name: text, json_schema: anyObject, supported_sync_modes: arrayOf(text) },
  {
    namespace: text,
    source_defined_cursor: boolean,
    default_cursor_field: path,
    source_defined_primary_key: paths,
    is_resumable: boolean,
    is_file_based: boolean,
  },
);

export const catalogSchema = object({ streams: arrayOf(streamSchema) });

/** A stream as a sync wants it. An unknown destination sync mode is the destination's business. */
export const configuredStreamSchema = object(
  {
    stream: streamSchema,
    sync_mode: oneOfWords("full_refresh", "incremental"),
    destination_sync_mode: text,
  },
  {
    cursor_field: path,
    primary_key: paths,
    generation_id: integer,
    minimum_generation_id: integer,
    sync_id: integer,
    destination_object_name: text,
    include_files: boolean,
  },
);

export const configuredCatalogSchema = object(
  { streams: arrayOf(configuredStreamSchema) },
  { supports_change_records: boolean },
);

/** What a destination for data activation offers. */
export const destinationCatalogSchema = object({
  operations: arrayOf(
    object(
      { object_name: text, sync_mode: text, json_schema: anyObject },
      { matching_keys: paths },
    ),
  ),
});
