/** What can be wrong with the settings of third parties; of `settingProblems`, in whose form it is. */
export const providerProblems = {
  credentialMissing: {
    zh: "缺少此项：应用 ID 和密钥必须一起设置。",
    en: "is missing: id and secret belong together",
  },
  credentialsMissing: {
    zh: "缺少此项：{names} 必须一起设置。",
    en: "is missing: {names} belong together",
  },
  issuerNameTaken: {
    zh: "不能叫“{name}”：名字已被占用或超过 32 个字符，请换一个。",
    en: `can't be called "{name}": the name is taken or longer than 32 characters`,
  },
  issuerPartMissing: { zh: "缺少此项，请设置。", en: "is missing" },
  issuerWellKnown: {
    zh: "请写签发者自己的地址：去掉 /.well-known/ 及其后的部分。",
    en: "must be the issuer's own address: leave out /.well-known/ and what follows",
  },
  privateKeyCurve: {
    zh: "不是 P-256 曲线的私钥：请用下载的 .p8 文件的全文。",
    en: "is no private key on the curve P-256: use the whole text of the .p8 file that was downloaded",
  },
  privateKeyPem: {
    zh: "不是 PEM 格式的私钥：请写 .p8 文件的全文，从 -----BEGIN 到 -----END，换行可写成 \\n。",
    en: "is no private key in PEM: it must be the whole text of the .p8 file, from -----BEGIN to -----END, with line breaks or \\n",
  },
  redirectUri: {
    zh: "请写完整的 http 或 https 地址，不含 #、用户名和密码，不能是“{value}”。",
    en: 'must be an absolute http or https address without # and log-in, not "{value}"',
  },
  redirectUriQuery: {
    zh: "OpenID Connect 的回调地址请去掉 ? 及其后的部分。",
    en: "must end before ?: the redirect address of an OpenID Connect issuer can't have a query",
  },
  tenSigns: {
    zh: "必须是 10 个大写字母和数字，如 A1B2C3D4E5。",
    en: "must be 10 capital letters and digits, such as A1B2C3D4E5",
  },
} as const;
