/**
 * Whether text is a date or time that PostgreSQL reads the one way ISO 8601 means it. PostgreSQL
 * itself takes much more ("now", "yesterday", "1/2/2003"), which would change a value silently.
 *
 * All functions look at bytes `[at, end)`.
 */

const MINUS = 0x2d;
const PLUS = 0x2b;
const COLON = 0x3a;
const DOT = 0x2e;

/** Where the seconds of a timestamp end, mostly: in years of four digits. */
const SECONDS_END = 19;
const MICROSECOND_DIGITS = 6;

/** Last years PostgreSQL can store. */
const LAST_DATE_YEAR = 5_874_897;
const LAST_TIMESTAMP_YEAR = 294_276;
/** 4714-11-24 BC is the first day PostgreSQL knows. */
const FIRST_YEAR_BC = 4714;

const DAYS_IN_MONTH = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * `1999-01-08`, more year digits, ` BC` at the end, or `infinity`; and ISO 8601's own years before 1,
 * which count through a year 0 (`-0043-03-15` is in 44 BC).
 */
export function isDate(bytes: Uint8Array, at: number, end: number): boolean {
  if (isInfinity(bytes, at, end)) return true;
  const bc = endsWithBc(bytes, at, end);
  const limit = bc ? end - 3 : end;
  return afterDate(bytes, at, limit, bc, LAST_DATE_YEAR) === limit;
}

/**
 * `1999-01-08T04:05:06.789`, with `T`, `t` or a space, with or without a zone, ` BC` at the end, the
 * date alone, or `infinity`.
 */
export function isTimestamp(bytes: Uint8Array, at: number, end: number): boolean {
  if (isInfinity(bytes, at, end)) return true;
  const bc = endsWithBc(bytes, at, end);
  const limit = bc ? end - 3 : end;
  const i = afterDate(bytes, at, limit, bc, LAST_TIMESTAMP_YEAR);
  if (i === -1) return false;
  if (i === limit) return true;
  const separator = bytes[i]! | 0x20;
  if (separator !== 0x74 && separator !== 0x20) return false;
  return isTime(bytes, i + 1, limit);
}

/** Whether a timestamp says another time of the day than midnight. */
export function saysTime(bytes: Uint8Array, at: number, end: number): boolean {
  if (isInfinity(bytes, at, end)) return false;
  for (let i = bytes.indexOf(COLON, at) - 2; i >= at && i < end; i++) {
    const byte = bytes[i]!;
    if (byte >= 0x31 && byte <= 0x39) return true;
    if (byte !== 0x30 && byte !== COLON && byte !== DOT) return false; // the zone
  }
  return false;
}

/** Whether a time or timestamp says more than microseconds, which are all that PostgreSQL keeps. */
export function saysNanoseconds(bytes: Uint8Array, at: number, end: number): boolean {
  const usual = at + SECONDS_END;
  let dot = usual < end && bytes[usual] === DOT ? usual : at;
  while (dot < end && bytes[dot] !== DOT) dot++;
  const stop = afterDigits(bytes, dot + 1, end);
  for (let i = dot + 1 + MICROSECOND_DIGITS; i < stop; i++) if (bytes[i] !== 0x30) return true;
  return false;
}

/**
 * A date or timestamp as PostgreSQL spells it, for text that `isDate` or `isTimestamp` takes: it knows
 * no year 0 and none before it. Undefined where the text is spelled so already.
 */
export function withEra(text: string): string | undefined {
  const [, sign, year, rest] = /^(-?)(\d{4,})(-[^]*)$/.exec(text) ?? [];
  if (year === undefined || (sign === "" && Number(year) !== 0)) return undefined;
  return `${String(Number(year) + 1).padStart(4, "0")}${rest} BC`;
}

/** `04:05`, `04:05:06.789`, `24:00:00`, with or without a zone. */
export function isTime(bytes: Uint8Array, at: number, end: number): boolean {
  const hour = twoDigits(bytes, at, end);
  if (hour === -1 || hour > 24 || bytes[at + 2] !== COLON) return false;
  const minute = twoDigits(bytes, at + 3, end);
  if (minute === -1 || minute > 59) return false;
  let i = at + 5;
  let onTheHour = minute === 0;
  if (i < end && bytes[i] === COLON) {
    const second = twoDigits(bytes, i + 1, end);
    if (second === -1 || second > 60) return false;
    onTheHour &&= second === 0;
    i += 3;
    if (i < end && bytes[i] === DOT) {
      const fraction = i + 1;
      i = afterDigits(bytes, fraction, end);
      if (i === fraction) return false;
      for (let k = fraction; k < i; k++) onTheHour &&= bytes[k] === 0x30;
    }
  }
  if (hour === 24 && !onTheHour) return false;
  return i === end || isZone(bytes, i, end);
}

/** `Z`, `+05`, `+0530`, `+05:30` or `+05:30:15`, at most a space before it. */
function isZone(bytes: Uint8Array, at: number, end: number): boolean {
  let i = bytes[at] === 0x20 ? at + 1 : at;
  if ((bytes[i]! | 0x20) === 0x7a) return i + 1 === end;
  if (bytes[i] !== PLUS && bytes[i] !== MINUS) return false;
  const hour = twoDigits(bytes, i + 1, end);
  if (hour === -1 || hour > 15) return false;
  i += 3;
  for (let part = 0; part < 2 && i < end; part++) {
    if (bytes[i] === COLON) i++;
    const value = twoDigits(bytes, i, end);
    if (value === -1 || value > 59) return false;
    i += 2;
  }
  return i === end;
}

/** The index after `YYYY-MM-DD`, or -1 when that is not there or no such day exists. */
function afterDate(
  bytes: Uint8Array,
  at: number,
  end: number,
  bc: boolean,
  lastYear: number,
): number {
  const isNegative = bytes[at] === MINUS;
  const digitsAt = isNegative ? at + 1 : at;
  const yearEnd = afterDigits(bytes, digitsAt, end);
  const digits = yearEnd - digitsAt;
  if (digits < 4 || digits > 7 || yearEnd + 6 > end) return -1;
  let year = 0;
  for (let i = digitsAt; i < yearEnd; i++) year = year * 10 + (bytes[i]! - 0x30);
  if (isNegative ? bc || year === 0 : bc && year === 0) return -1;
  const isBefore = bc || isNegative || year === 0;
  if (isBefore && !bc) year++;
  if (year > (isBefore ? FIRST_YEAR_BC : lastYear)) return -1;
  if (bytes[yearEnd] !== MINUS || bytes[yearEnd + 3] !== MINUS) return -1;
  const month = twoDigits(bytes, yearEnd + 1, end);
  const day = twoDigits(bytes, yearEnd + 4, end);
  if (month < 1 || month > 12 || day < 1 || day > DAYS_IN_MONTH[month]!) return -1;
  if (month === 2 && day === 29 && !isLeap(isBefore ? year - 1 : year)) return -1;
  if (isBefore && year === FIRST_YEAR_BC && month * 100 + day < 1124) return -1;
  return yearEnd + 6;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function twoDigits(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return -1;
  const tens = bytes[at]! - 0x30;
  const ones = bytes[at + 1]! - 0x30;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

function afterDigits(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i]! >= 0x30 && bytes[i]! <= 0x39) i++;
  return i;
}

function endsWithBc(bytes: Uint8Array, at: number, end: number): boolean {
  return (
    end - at > 3 &&
    bytes[end - 3] === 0x20 &&
    (bytes[end - 2]! | 0x20) === 0x62 &&
    (bytes[end - 1]! | 0x20) === 0x63
  );
}

const INFINITY = Buffer.from("infinity");

function isInfinity(bytes: Uint8Array, at: number, end: number): boolean {
  const start = bytes[at] === MINUS ? at + 1 : at;
  if (end - start !== INFINITY.length) return false;
  for (let i = 0; i < INFINITY.length; i++)
    if ((bytes[start + i]! | 0x20) !== INFINITY[i]) return false;
  return true;
}
