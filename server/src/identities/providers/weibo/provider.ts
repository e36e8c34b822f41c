import { defineProvider } from "../define-provider.ts";
import { weiboMark } from "./mark.ts";
import { createWeibo } from "./weibo.ts";

export const weibo = defineProvider({
  name: "weibo",
  // The original's front ends ask by the company's name.
  aliases: ["sina"],
  title: { zh: "微博", en: "Weibo" },
  company: { zh: "北京微梦创科网络技术有限公司（微博）", en: "Weibo (Beijing)", isAbroad: false },
  mark: weiboMark,
  loginType: 2,
  baseUrl: { address: "https://api.weibo.com" },
  // Not wx1.sinaimg.cn and its kin, where everybody's photographs are.
  pictureHosts: [/^(?:tp[1-4]|(?:tva|tvax|tvp)\d?)\.sinaimg\.cn$/],
  callbackPages: ["/weibo_oauth_callback.html", "/sina_oauth_callback.html", "/sina_callback.html"],
  create: createWeibo,
  sandbox: () => import("./sandbox.ts"),
});
