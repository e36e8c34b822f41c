import { defineProvider } from "../define-provider.ts";
import { qqMark } from "./mark.ts";
import { createQq } from "./qq.ts";

export const qq = defineProvider({
  name: "qq",
  title: { zh: "QQ", en: "QQ" },
  company: { zh: "深圳市腾讯计算机系统有限公司（腾讯）", en: "Tencent (Shenzhen)", isAbroad: false },
  portal: { zh: "QQ 互联", en: "QQ" },
  mark: qqMark,
  loginType: 1,
  baseUrl: { address: "https://graph.qq.com" },
  pictureHosts: [/^(?:thirdqq|qzapp|q\d?)\.qlogo\.cn$/],
  callbackPages: ["/oauth_callback.html", "/qq_oauth_callback.html"],
  // Sent in a phone's browser: any number but 0.
  isCancel: ({ usercancel }) => usercancel !== undefined && usercancel !== "" && usercancel !== "0",
  create: createQq,
  sandbox: () => import("./sandbox.ts"),
});
