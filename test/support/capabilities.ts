/**
 * Whether source-postgres continues from its cursor. Until it does, every sync sends all rows and
 * the tests of what arrives incrementally are skipped, in view of the report.
 */
export const READS_FROM_CURSOR = false;
