import type { Config } from "../../config/config.ts";
import { networkSiteUrls } from "../../config/reach.ts";
import { isLoopbackHost, type OwnAddress } from "../../kernel/own-addresses.ts";
import { type Diagnosis, fail, ok, warn } from "./diagnosis.ts";

/** What of this server other machines reach, and under which names. Pure. */
export function checkReach(config: Config, own: readonly OwnAddress[]): Diagnosis[] {
  return [checkListening(config, own), ...checkHosts(config)];
}

function checkListening(config: Config, own: readonly OwnAddress[]): Diagnosis {
  const { host, publicSiteUrl, publicApiUrl, apiPort, webPort } = config;
  const ports = { [publicSiteUrl]: webPort, [publicApiUrl]: apiPort };
  // Another port is a proxy's.
  const lost = Object.entries(ports).find(([address, port]) => {
    const url = new URL(address);
    const isHere = own.some((one) => !one.isLoopback && one.host === url.hostname);
    return isHere && isLoopbackHost(host === "::1" ? "[::1]" : host) && url.port === String(port);
  });
  if (lost) {
    return fail(
      "reach",
      `${lost[0]} 无人能访问：服务器只监听 ${host}。请设置 HOST=0.0.0.0。`,
      `Nobody reaches ${lost[0]}: the server listens on ${host} alone. Set HOST=0.0.0.0.`,
    );
  }
  const [first, ...others] = networkSiteUrls(config, own);
  if (first === undefined) return ok("reach", `服务器监听 ${host}。`, `The server listens on ${host}.`);
  const all = [first, ...others].join(", ");
  const closed = closedParts(config);
  if (closed.length === 0) {
    return ok("reach", `其他设备可用 ${all} 打开站点。`, `Other devices open the site at ${all}.`);
  }
  return warn(
    "reach",
    `其他设备可用 ${all} 打开站点，但${closed.map(({ zh }) => zh).join("；")}。`,
    `Other devices open the site at ${all}, but ${closed.map(({ en }) => en).join("; ")}.`,
  );

  /** What a phone in the same network doesn't get. */
  function closedParts({ mailUrl, mailboxOpen, oauth }: Config) {
    const isOfThisMachine = (address: string) => isLoopbackHost(new URL(address).hostname);
    return [
      ...(isOfThisMachine(publicSiteUrl)
        ? [
            {
              zh: `邮件中的链接和第三方登录会回到 ${publicSiteUrl}，请设置 PUBLIC_SITE_URL=${first}`,
              en: `links in mails and third-party log-ins lead to ${publicSiteUrl}: set PUBLIC_SITE_URL=${first}`,
            },
          ]
        : []),
      ...(!config.apiFollowsPage && isOfThisMachine(publicApiUrl)
        ? [
            {
              zh: `页面会调用设备自己的 ${publicApiUrl}，请去掉 PUBLIC_API_URL`,
              en: `their pages call their own ${publicApiUrl}: unset PUBLIC_API_URL`,
            },
          ]
        : []),
      ...(mailUrl === null && !mailboxOpen
        ? [
            {
              zh: "开发邮箱仅限本机，如需开放请设 MAILBOX_OPEN=true",
              en: "the mailbox answers this machine only: set MAILBOX_OPEN=true to open it",
            },
          ]
        : []),
      ...(oauth.runsSandbox
        ? [
            {
              zh: "第三方登录沙箱仅限本机，请在本机试用",
              en: "the sandbox of third-party log-ins answers this machine only: use it here",
            },
          ]
        : []),
    ];
  }
}

function checkHosts({ allowedHosts }: Config): Diagnosis[] {
  if (!allowedHosts.includes("*")) return [];
  return [
    warn(
      "hosts",
      "ALLOWED_HOSTS 是 *：别人的网页可借 DNS 重绑定读取本机的回答。请改为列出实际使用的主机名。",
      "ALLOWED_HOSTS is *: by DNS rebinding a stranger's page can read what this server answers. Use the names it is reached by instead.",
    ),
  ];
}
