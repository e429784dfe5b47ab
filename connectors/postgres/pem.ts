/** PEM pasted into a one-line field often arrives with `\n` spelled out. */
export const withLineBreaks = (pem: string): string =>
  pem.includes("\n") ? pem : pem.replaceAll("\\r", "").replaceAll("\\n", "\n");
