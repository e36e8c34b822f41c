import type { FastifyReply } from "fastify";

/**
 * The troubles a visitor or a test can order on the consent page. Each has happened for real. A switch is
 * chosen for one log-in and stays with its code and token, so that parallel tests don't disturb each other.
 */
export interface Switch {
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  /** Absent: every provider has it. */
  readonly only?: readonly string[];
}

const answers: readonly Switch[] = [
  { name: "code-reused", zh: "code 已被使用", en: "Code already used" },
  { name: "code-expired", zh: "code 已过期", en: "Code expired" },
  { name: "wrong-secret", zh: "密钥错误", en: "Wrong client secret" },
  { name: "redirect-mismatch", zh: "回调地址不符", en: "Redirect address not registered" },
  { name: "twice", zh: "回调送达两次", en: "Callback delivered twice" },
  { name: "profile-error", zh: "令牌正常，资料接口报错", en: "Good token, then the profile fails" },
  { name: "zero-id", zh: "用户编号为 0", en: "The user's id is 0" },
  { name: "jsonp-compact", zh: "JSONP 没有空格和换行", en: "JSONP without spaces and newline", only: ["qq"] },
  { name: "fmt-ignored", zh: "忽略 fmt=json", en: "fmt=json ignored", only: ["qq"] },
  { name: "no-unionid", zh: "没有 unionid", en: "No unionid", only: ["qq", "wechat"] },
  {
    name: "unionid-refused",
    zh: "unionid 未授权 (100048)",
    en: "unionid not granted (100048)",
    only: ["qq"],
  },
  { name: "types-swapped", zh: "数字与字符串互换", en: "Numbers as strings and back", only: ["weibo"] },
  { name: "refused-401", zh: "code 错误时返回 401", en: "Bad code answered with 401", only: ["weibo"] },
  {
    name: "test-mode",
    zh: "应用未审核，不是测试账号 (21321)",
    en: "Application not approved, not a test account (21321)",
    only: ["weibo"],
  },
  { name: "wrong-verifier", zh: "PKCE 校验失败", en: "PKCE verifier refused", only: ["github", "oidc"] },
  { name: "emails-refused", zh: "邮箱接口 404", en: "E-mail list answered with 404", only: ["github"] },
  { name: "wrong-nonce", zh: "nonce 不符", en: "Wrong nonce", only: ["oidc"] },
  { name: "wrong-issuer", zh: "令牌由别的签发者签发", en: "Token of another issuer", only: ["oidc"] },
  { name: "wrong-audience", zh: "令牌发给了别的应用", en: "Token for another client", only: ["oidc"] },
  { name: "token-expired", zh: "身份令牌已过期", en: "ID token expired", only: ["oidc"] },
  { name: "wrong-signature", zh: "签名错误", en: "Wrong signature", only: ["oidc"] },
];

const stages = [
  { name: "token", zh: "令牌接口", en: "Token", only: undefined },
  { name: "identity", zh: "用户编号接口", en: "User id", only: ["qq", "github"] },
  { name: "profile", zh: "资料接口", en: "Profile", only: undefined },
] as const;

export type Stage = (typeof stages)[number]["name"];

const transports = [
  { name: "slow", zh: "15 秒才回答", en: "answers after 15 s" },
  { name: "dropped", zh: "断开连接", en: "drops the connection" },
  { name: "html", zh: "500 和 HTML", en: "500 with HTML" },
  { name: "html-200", zh: "200 和 HTML", en: "200 with HTML" },
  { name: "empty", zh: "空回答", en: "answers nothing" },
  { name: "huge", zh: "1 MB 回答", en: "answers 1 MB" },
  { name: "list", zh: "列表而非对象", en: "a list instead of an object" },
  { name: "redirect", zh: "重定向", en: "redirects" },
] as const;

export const switches: readonly Switch[] = [
  ...answers,
  ...stages.flatMap((stage) =>
    transports.map((transport) => ({
      name: `${stage.name}-${transport.name}`,
      zh: `${stage.zh}：${transport.zh}`,
      en: `${stage.en}: ${transport.en}`,
      ...(stage.only && { only: stage.only }),
    })),
  ),
];

export function switchesOf(provider: string): Switch[] {
  return switches.filter(({ only }) => !only || only.includes(provider));
}

/**
 * Carries out a switch of the transport kind. True when the answer was given (or will never be); after a
 * slow wait it is false and the caller answers as usual.
 */
export async function misbehave(
  reply: FastifyReply,
  chosen: string,
  stage: Stage,
  slowMillis: number,
): Promise<boolean> {
  switch (chosen.startsWith(`${stage}-`) ? chosen.slice(stage.length + 1) : "") {
    case "slow":
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, slowMillis);
        reply.raw.once("close", () => {
          clearTimeout(timer);
          resolve();
        });
      });
      return reply.raw.destroyed;
    case "dropped":
      reply.hijack();
      reply.raw.socket?.destroy();
      return true;
    case "html":
      reply.code(500).type("text/html").send("<html><body><h1>500 Internal Server Error</h1></body></html>");
      return true;
    case "html-200":
      reply.type("text/html").send("<!doctype html><title>系统繁忙</title><p>系统繁忙，请稍后再试");
      return true;
    case "empty":
      reply.type("application/json").send("");
      return true;
    case "huge":
      reply.type("application/json").send(`{"padding":"${"x".repeat(1024 * 1024)}"}`);
      return true;
    case "list":
      reply.type("application/json").send('[{"access_token":"list","id":1,"openid":"list"}]');
      return true;
    case "redirect":
      reply.code(302).header("location", "http://127.0.0.1:9/elsewhere").send("");
      return true;
    default:
      return false;
  }
}
