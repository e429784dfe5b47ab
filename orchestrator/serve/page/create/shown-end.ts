/**
 * An address of a database as it may be shown again: without its password, and without settings, which
 * may hold another. Empty for what is no URL, of which nobody can tell where a password stands.
 */
export function shownEnd(address: string): string {
  try {
    const { protocol, username, host, pathname } = new URL(address);
    if (!/^postgres(ql)?:$/.test(protocol)) return "";
    return `${protocol}//${username === "" ? "" : `${username}@`}${host}${pathname}`;
  } catch {
    return "";
  }
}
