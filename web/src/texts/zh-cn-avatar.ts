/** The own picture; a part of zh-cn.ts. */
export const avatar = {
  title: "头像",
  lead: "别人会看到这张图片。",
  none: "还没有头像，显示名字的首字。",
  choose: "选择图片",
  takeOver: "使用{provider}头像",
  remove: "去掉头像",
  hint: "JPEG、PNG、WebP 或 GIF，取正中的方形。照片中的拍摄地点等信息不会保存。",
  set: "头像已更换。",
  removed: "头像已去掉。",
  tooLarge: "图片过大，最多 8 MB。",
};
