import type { Service } from "../service.ts";

/** What is wrong with the configuration file as it is now, as the service last said. */
export class KnownProblem {
  #text: string | null = null;

  constructor(service: Service) {
    service.subscribe((event) => {
      if (event.event === "configuration") this.#text = event.problem;
    });
  }

  /** Null: nothing is known to be. */
  get text(): string | null {
    return this.#text;
  }
}
