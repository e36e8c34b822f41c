/** Rows of permission-matrix.test.ts: consents and age, where the site asks for neither. */
export const consentEndpoints = [
  {
    route: "POST /user/consents/",
    expected: [401, 404, 404, 404, 404] as const,
    call: () => ({ payload: { document: "terms", version: "1" } }),
  },
  {
    route: "PUT /user/consents/:purpose/",
    expected: [401, 404, 404, 404, 404] as const,
    call: () => ({ url: "/user/consents/marketing/", payload: { version: "1" } }),
  },
  {
    route: "DELETE /user/consents/:purpose/",
    expected: [401, 404, 404, 404, 404] as const,
    call: () => ({ url: "/user/consents/marketing/" }),
  },
  {
    route: "POST /user/age/",
    expected: [401, 200, 200, 200, 200] as const,
    call: () => ({ payload: { age_declared: "14_or_older" } }),
  },
];
