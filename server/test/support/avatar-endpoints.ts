/** Of the permission matrix: pictures of people. */
const refused = [401, 400, 400, 400, 400] as const;

export const avatarEndpoints = [
  { route: "PUT /user/avatar/", expected: refused, call: () => ({ payload: { no: "picture" } }) },
  {
    route: "PUT /user/avatar/provider/",
    expected: [401, 404, 404, 404, 404] as const,
    call: () => ({ payload: { provider: "qq" } }),
  },
  { route: "DELETE /user/avatar/", expected: [401, 200, 200, 200, 200] as const },
  {
    route: "GET /avatars/:file",
    ignoresHeader: true as const,
    expected: [404, 404, 404, 404, 404] as const,
    call: () => ({ url: "/avatars/nobodys.jpg" }),
  },
];
