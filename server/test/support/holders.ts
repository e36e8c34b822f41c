import type { Holder } from "../../src/passwords/fair-waiting.ts";

/** Who asks for a hash where it doesn't matter. */
export const someone: Holder = { client: "test", account: null };
