import type { Service } from "../service.ts";

export interface PageOptions {
  /** Whether there are sessions, which a `POST /logout` ends. */
  readonly hasSessions?: boolean;
}

/** What stands around every page, besides its own content. */
export class Frame {
  readonly hasSessions: boolean;
  readonly #service: Service;
  #problem: string | null = null;

  constructor(service: Service, { hasSessions = false }: PageOptions = {}) {
    this.hasSessions = hasSessions;
    this.#service = service;
    service.subscribe((event) => {
      if (event.event === "configuration") this.#problem = event.problem;
    });
  }

  /** What is wrong with the configuration file as it is now, as the service last said; null: nothing. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Whose events a page of a connection listens to; undefined: there are none of it any more. */
  liveOf(connection: string): string | undefined {
    return this.#service.connection(connection) === undefined ? undefined : connection;
  }
}
