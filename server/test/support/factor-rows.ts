const empty = () => ({ payload: {} });
const everybody = (status: number) => [status, status, status, status, status] as const;
const loggedIn = [401, 200, 200, 200, 200] as const;

/** Rows of permission-matrix.test.ts: second factors and passkeys, of people who have none. */
export const factorRows = [
  { route: "GET /user/second-factor/", expected: loggedIn },
  { route: "POST /user/second-factor/", expected: loggedIn, call: () => ({ payload: {} }) },
  // Nobody here has a second factor.
  { route: "POST /user/second-factor/replacement/", expected: [401, 404, 404, 404, 404] as const },
  ...["confirm", "recovery-codes", "remove", "replacement/confirm"].map((verb) => ({
    route: `POST /user/second-factor/${verb}/`,
    expected: [401, 400, 400, 400, 400] as const,
    call: () => ({ payload: { code: "000000" } }),
  })),
  ...["/users/", "/token/", "/api/token/"].map((prefix) => ({
    route: `POST ${prefix}second-factor/`,
    expected: everybody(400),
    ignoresHeader: true as const,
    call: () => ({ payload: { step: "nobodys", code: "000000" } }),
  })),
  ...["", "ask/", "finish/", "cancel/"].map((verb) => ({
    route: `POST /users/second-factor/lost/${verb}`,
    expected: everybody(400),
    ignoresHeader: true as const,
    call: () => ({ payload: verb === "cancel/" ? { token: "nobodys" } : { step: "nobodys" } }),
  })),
  { route: "POST /users/passkeys/options/", ignoresHeader: true as const, expected: everybody(200) },
  ...["/users/passkeys/", "/users/second-factor/passkey/"].map((url) => ({
    ...{ route: `POST ${url}`, ignoresHeader: true as const, expected: everybody(400) },
    call: () => ({ payload: { passkey: {}, step: "nobodys" } }),
  })),
  { route: "GET /user/passkeys/", expected: loggedIn },
  // Takes a proof in the call.
  { route: "POST /user/passkeys/options/", expected: [401, 403, 403, 403, 403] as const, call: empty },
  { route: "POST /user/passkeys/proof/", expected: loggedIn, call: empty },
  {
    ...{ route: "POST /user/passkeys/", expected: [401, 400, 400, 400, 400] as const },
    call: () => ({ payload: { passkey: {} } }),
  },
  {
    ...{ route: "PATCH /user/passkeys/:passkey/", expected: [401, 404, 404, 404, 404] as const },
    call: () => ({ url: "/user/passkeys/nobodys/", payload: { name: "x" } }),
  },
  {
    ...{ route: "POST /user/passkeys/:passkey/remove/", expected: [401, 404, 404, 404, 404] as const },
    call: () => ({ url: "/user/passkeys/nobodys/remove/", payload: {} }),
  },
];
