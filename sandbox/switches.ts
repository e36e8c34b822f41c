import type { FastifyReply } from "fastify";
import type { Imitation, Stage, Switch } from "../server/src/identities/providers/imitation.ts";

/**
 * The troubles a visitor or a test can order on the consent page. Each has happened for real. A switch is
 * chosen for one log-in and stays with its code and token, so that parallel tests don't disturb each other.
 */
const answers: readonly Switch[] = [
  { name: "code-reused", zh: "code 已被使用", en: "Code already used" },
  { name: "code-expired", zh: "code 已过期", en: "Code expired" },
  { name: "wrong-secret", zh: "密钥错误", en: "Wrong client secret" },
  { name: "redirect-mismatch", zh: "回调地址不符", en: "Redirect address not registered" },
  { name: "twice", zh: "回调送达两次", en: "Callback delivered twice" },
  { name: "profile-error", zh: "令牌正常，资料接口报错", en: "Good token, then the profile fails" },
  { name: "zero-id", zh: "用户编号为 0", en: "The user's id is 0" },
];

const stages: Readonly<Record<Stage, { readonly zh: string; readonly en: string }>> = {
  token: { zh: "令牌接口", en: "Token" },
  identity: { zh: "用户编号接口", en: "User id" },
  profile: { zh: "资料接口", en: "Profile" },
};

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

/** Every one's, the imitation's own, and each call's. */
export function switchesOf({ switches, stages: own }: Imitation): Switch[] {
  return [
    ...answers,
    ...switches,
    ...own.flatMap((stage) =>
      transports.map((transport) => ({
        name: `${stage}-${transport.name}`,
        zh: `${stages[stage].zh}：${transport.zh}`,
        en: `${stages[stage].en}: ${transport.en}`,
      })),
    ),
  ];
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
