import {
  type App,
  AppError,
  type AppOverrides,
  constantTimeEqual,
  createApp,
  type EmbedContext,
  userOf,
} from "meiduo-accounts";

/** A shop's own server with the accounts inside: a permission, an authenticator and a route of its own. */
export async function openShop(
  context: EmbedContext,
  gatewaySecret: string,
  overrides: AppOverrides = {},
): Promise<App> {
  if (gatewaySecret.length < 16) throw new Error("the gateway's secret needs 16 characters");
  const app: App = await createApp(context, {
    ...overrides,
    // Made at the start where they are missing, so that an administrator can grant them.
    permissions: [{ app: "mall", model: "order", codename: "refund_order", name: "Can refund order" }],
    authenticators: [
      {
        name: "gateway",
        // A gateway in front has checked the person: `Authorization: Gateway <secret> <user id>`.
        async authenticate(authorization) {
          const [scheme, secret = "", id = ""] = authorization.split(" ");
          // Not of our kind: the next one is asked.
          if (scheme !== "Gateway") return null;
          if (!constantTimeEqual(secret, gatewaySecret)) throw new AppError("token_refused");
          const user = /^\d{1,15}$/.test(id) ? await app.users.byId(Number(id)) : null;
          if (user === null) throw new AppError("token_unknown_user");
          return user;
        },
      },
    ],
  });
  app.api.route({
    method: "POST",
    url: "/orders/refunds/",
    config: { auth: "required", permission: "mall.refund_order" },
    handler: async (request) => ({ refunded_by: userOf(request).username }),
  });
  return app;
}
