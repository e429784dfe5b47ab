// COPY through pg-copy-streams, for machines without psql: node copy.mjs <url> <statement>…
import { pipeline } from "node:stream/promises";
import { Client } from "pg";
import { from, to } from "pg-copy-streams";

const [url, ...statements] = process.argv.slice(2);
const client = new Client(url);
await client.connect();
for (const sql of statements)
  if (/\bto stdout\b/.test(sql)) await pipeline(client.query(to(sql)), process.stdout);
  else if (/\bfrom stdin\b/.test(sql)) await pipeline(process.stdin, client.query(from(sql)));
  else await client.query(sql);
await client.end();
