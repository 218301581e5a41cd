/**
 * The sentences that WeChat itself writes into a chat. They are not Xinglin's
 * words: the bot's own are in `src/text/`.
 */
export const WECHAT = {
  everyone: '所有人',
  recalled: (name: string) => `"${name}" 撤回了一条消息`,
  patted: (patter: string, patted: string) => `"${patter}" 拍了拍 "${patted}"`,
  invited: (inviter: string, names: string[]) => `"${inviter}"邀请"${names.join('、')}"加入了群聊`,
  scanned: (name: string, sharer: string) => `"${name}"通过扫描"${sharer}"分享的二维码加入群聊`,
  joined: (names: string[]) => `"${names.join('、')}"加入了群聊`,
  removed: (remover: string, names: string[]) => `"${remover}"将"${names.join('、')}"移出了群聊`,
  topicChanged: (changer: string, topic: string) => `"${changer}"修改群名为“${topic}”`,
  nowFriends: (name: string) => `你已添加了${name}，现在可以开始聊天了。`,
  notAFriend: (name: string) =>
    `${name}开启了朋友验证，你还不是他（她）朋友。请先发送朋友验证请求，对方验证通过后，才能聊天。`,
  tooFrequent: '操作过于频繁，请稍后再试',
  signedInElsewhere: '你的账号在其他设备登录',
} as const;

/** What a quote shows in place of a message that has no text. */
export const QUOTED_AS = {
  picture: '图片',
  video: '视频',
  voice: '语音',
  emoticon: '动画表情',
  location: '位置',
  unknown: '未知消息',
} as const;
