import { randomBytes } from "node:crypto";
import { Client } from "pg";

/** Every value as the text PostgreSQL prints: the driver's own parsers lose digits. */
const AS_TEXT = { getTypeParser: () => String };

/** A database of one test, and a session on it as superuser (UTC, ISO dates). */
export interface Database {
  /** The connection properties of both connectors' configs. */
  readonly config: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly username: string;
    readonly password: string;
  };
  readonly url: string;
  /** The rows as objects; values are PostgreSQL's own text, or null. */
  query(sql: string, values?: readonly unknown[]): Promise<Record<string, string | null>[]>;
  /** The rows as lists of values, for queries whose column names repeat or do not matter. */
  rows(sql: string, values?: readonly unknown[]): Promise<(string | null)[][]>;
  /** Runs a script of any number of statements, as one transaction unless it says otherwise. */
  exec(script: string): Promise<void>;
}

/**
 * Creates an empty database on the server of `adminUrl`.
 * @param tablespace a folder on the server for all its tables, and for nobody else's.
 */
export async function createDatabase(
  adminUrl: string,
  { tablespace }: { readonly tablespace?: string } = {},
): Promise<{ database: Database; drop: () => Promise<void> }> {
  const name = `t_${randomBytes(6).toString("hex")}`;
  await asAdmin(adminUrl, async (admin) => {
    if (tablespace === undefined) return admin.query(`create database ${name}`);
    await admin.query(`create tablespace ${name} location '${tablespace}'`);
    return admin.query(`create database ${name} tablespace ${name}`);
  });
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const { database, close } = await connectDatabase(url.href);

  const drop = async () => {
    await close();
    await asAdmin(adminUrl, async (admin) => {
      await admin.query(`drop database ${name} with (force)`);
      if (tablespace !== undefined) await admin.query(`drop tablespace ${name}`);
    });
  };
  return { database, drop };
}

/** A database that is there, such as one that a standby has of its primary. */
export async function connectDatabase(
  href: string,
): Promise<{ database: Database; close: () => Promise<void> }> {
  const url = new URL(href);
  const session = new Session(url.href);
  await session.open();
  const config = {
    host: url.hostname,
    port: Number(url.port || 5432),
    database: decodeURIComponent(url.pathname.slice(1)),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  return { database: openDatabase(session, config, url.href), close: () => session.close() };
}

/** One session, opened anew after a test took its server away. */
class Session {
  readonly #url: string;
  #client: Promise<Client> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  async open(): Promise<Client> {
    this.#client ??= this.#connect();
    return this.#client;
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    await client?.end().catch(() => {}); // already gone with its server
  }

  async #connect(): Promise<Client> {
    const client = new Client({ connectionString: this.#url, types: AS_TEXT });
    const forget = () => {
      this.#client = undefined;
    };
    client.on("error", forget).on("end", forget);
    try {
      await client.connect();
      await client.query("set timezone to 'UTC'; set datestyle to 'ISO'");
    } catch (error) {
      forget();
      throw error;
    }
    return client;
  }
}

function openDatabase(session: Session, config: Database["config"], url: string): Database {
  return {
    config,
    url,
    async query(sql, values = []) {
      const client = await session.open();
      const result = await client.query<Record<string, string | null>>(sql, [...values]);
      return result.rows;
    },
    async rows(sql, values = []) {
      const client = await session.open();
      const result = await client.query<(string | null)[]>({
        text: sql,
        values: [...values],
        rowMode: "array",
      });
      return result.rows;
    },
    async exec(script) {
      await (await session.open()).query(script);
    },
  };
}

async function asAdmin(url: string, work: (admin: Client) => Promise<unknown>): Promise<void> {
  const admin = new Client(url);
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
