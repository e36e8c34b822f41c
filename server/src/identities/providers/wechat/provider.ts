import { defineProvider } from "../define-provider.ts";
import { wechatMark } from "./mark.ts";
import { createWechat } from "./wechat.ts";

export const wechat = defineProvider({
  name: "wechat",
  title: { zh: "微信", en: "WeChat" },
  company: { zh: "深圳市腾讯计算机系统有限公司（腾讯）", en: "Tencent (Shenzhen)", isAbroad: false },
  portal: { zh: "微信开放平台", en: "WeChat" },
  mark: wechatMark,
  loginType: 4,
  baseUrl: { address: "https://open.weixin.qq.com", of: { zh: "微信页面", en: "WeChat's pages" } },
  apiBaseUrl: { address: "https://api.weixin.qq.com", of: { zh: "微信接口", en: "WeChat's API" } },
  pictureHosts: [/^(?:thirdwx|wx)\.qlogo\.cn$/],
  // Whoever refuses comes back, where they do, with the state alone.
  isCancel: ({ state }) => state !== undefined && state !== "",
  create: createWechat,
  sandbox: () => import("./sandbox.ts"),
});
