/** What can be wrong with the operator's name and look; of `settingProblems`, in whose form it is. */
export const brandProblems = {
  brandColor: {
    zh: '请写成 #0f62fe 形式的颜色；brand.json 中也可以写 {"light": "#…", "dark": "#…"}。',
    en: 'must be a colour such as #0f62fe; brand.json may have {"light": "#…", "dark": "#…"}',
  },
  brandFileUnreadable: {
    zh: "无法读取 {file}，请检查路径和权限：{reason}。",
    en: "can't be read ({file}), check the path and its permissions: {reason}",
  },
  brandJson: {
    zh: "{file} 不是 JSON 对象，请改正：{reason}。",
    en: "has a {file} that is no JSON object: {reason}",
  },
  brandKey: {
    zh: "brand.json 里没有“{key}”这一项，可用的有：{known}。",
    en: 'has "{key}" in brand.json, which knows only {known}',
  },
  brandLanguage: {
    zh: "“{value}”不是语言代码，请写 zh、en、ja 这样的代码。",
    en: '"{value}" is no language: write zh, en, ja and the like',
  },
  brandName: {
    zh: '请写一行文字，不能有 < > { } " \\ 和不可见字符。',
    en: 'must be one line of text without < > { } " \\ and invisible characters',
  },
  brandNameLong: {
    zh: "太长：最多 {limit} 个字符，请缩短。",
    en: "is too long: use at most {limit} characters",
  },
  brandNames: {
    zh: "至少要有 zh 或 en 的名字，请补上。",
    en: "must have a name for zh or en",
  },
  brandPicture: {
    zh: "{file} 不是 SVG 或 PNG，请换一个文件。SVG 的根元素要有 xmlns。",
    en: "names {file}, which is neither an SVG (its root needs xmlns) nor a PNG",
  },
  brandPictureLarge: {
    zh: "{file} 太大：最大 {limit} KB，请压缩。",
    en: "names {file}, which is larger than {limit} KB",
  },
  brandPictureName: {
    zh: "请写品牌文件夹里的文件名，如 logo.svg。",
    en: "must name a file of the folder, such as logo.svg",
  },
  brandPictureSize: {
    zh: "{file} 没有尺寸：请给 SVG 的根元素加上 viewBox。",
    en: "names {file}, which has no size: give the SVG's root a viewBox",
  },
  brandValue: {
    zh: "brand.json 的“{key}”写错了：{problem}。",
    en: 'has a wrong "{key}" in brand.json: it {problem}',
  },
  pageAddress: {
    zh: "请写完整的 http 或 https 地址，或以 / 开头的路径。",
    en: "must be an absolute http or https address, or a path that begins with /",
  },
  plainEmail: {
    zh: "请写一个邮箱地址，如 help@example.com。",
    en: "must be one address, such as help@example.com",
  },
} as const satisfies Readonly<Record<string, { readonly zh: string; readonly en: string }>>;
