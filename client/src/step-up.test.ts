import { beforeEach, expect, it } from "vitest";
import { ApiError } from "./api-error.ts";
import { createClient } from "./client.ts";

/** Proofs in the order in which they were sent. */
let proofs: (string | null)[];
beforeEach(() => {
  proofs = [];
});

const refused = {
  ...{ title: "Confirm.", status: 403, code: "reauthentication_required", fields: [], action: "sessions" },
  ...{ methods: ["password", "email_code"], providers: ["qq"], email: "z***@example.com", max_age: 900 },
};
const options = () => ({
  baseUrl: "http://api.test",
  token: () => "t.o.k",
  fetch: async (_url: unknown, init?: { readonly headers?: unknown }) => {
    const proof = new Headers(init?.headers as Record<string, string>).get("x-meiduo-proof");
    proofs.push(proof);
    return proof === "p" ? Response.json({ ended: 1 }) : Response.json(refused, { status: 403 });
  },
});

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

it("says for what a token is not enough, and by what it is proved, and takes the proof along", async () => {
  const client = createClient(options());
  const error = await failure(client.endOtherSessions());
  expect(error.stepUp).toEqual({
    ...{ action: "sessions", methods: ["password", "email_code"], providers: ["qq"] },
    email: "z***@example.com",
  });
  expect(error.needsLogIn).toBe(false);
  expect(await client.endOtherSessions({ proof: "p" })).toEqual({ ended: 1 });
});

it("waits for who proves it and is sent again, once", async () => {
  const asked: string[] = [];
  const stepUp = async ({ action }: { readonly action: string }) => {
    asked.push(action);
    return asked.length === 1 ? "p" : "another";
  };
  const client = createClient({ ...options(), stepUp });
  expect(await client.endOtherSessions()).toEqual({ ended: 1 });
  expect(proofs).toEqual([null, "p"]);
  expect((await failure(client.endOtherSessions())).code).toBe("reauthentication_required");
  expect(asked).toEqual(["sessions", "sessions"]);
});

it("fails as it was refused where the person would not", async () => {
  const client = createClient({ ...options(), stepUp: async () => undefined });
  expect((await failure(client.endOtherSessions())).message).toBe("Confirm.");
  expect(proofs).toHaveLength(1);
});
