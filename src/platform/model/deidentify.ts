/**
 * What tells who somebody is, and the word that stands for it in what leaves
 * for a model (SAFETY.md R10). Too much is taken rather than too little.
 */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu, '[邮箱]'],
  [/(?:https?:\/\/|www\.)[^\s\u3000-\u303f\uff00-\uffef\u4e00-\u9fff]+/giu, '[网址]'],
  // 18 or 15 digits, also in groups and full width.
  [
    /(?<![\d\uff10-\uff19])[1-9１-９](?:[\s-]?[\d\uff10-\uff19]){16}[\s-]?[\dXx\uff10-\uff19](?![\d\uff10-\uff19])/gu,
    '[证件号]',
  ],
  [/(?<![\d\uff10-\uff19])[1-9](?:[\s-]?\d){14}(?!\d)/gu, '[证件号]'],
  // A mobile, with or without the country, in groups, full width, or spoken.
  [
    /(?:\+?86[\s-]?)?(?<![\d\uff10-\uff19])[1\uff11][\s-]?[3-9\uff13-\uff19](?:[\s-]?[\d\uff10-\uff19]){9}(?![\d\uff10-\uff19])/gu,
    '[电话]',
  ],
  [/[一幺][三四五六七八九][零〇一二三四五六七八九幺]{9}/gu, '[电话]'],
  [/(?<!\d)(?:\(?0\d{2,3}\)?[\s-]?)\d{7,8}(?:-\d{1,5})?(?!\d)/gu, '[电话]'],
  [/(?<=(?:电话|手机|座机|号码|联系方式|打我)[^\d\n]{0,6})\d{7,12}/gu, '[电话]'],
  [/(?<=(?:微信号?|vx|wx|薇信|威信|加我|v信)[^a-z0-9\n]{0,4})[a-z0-9][a-z0-9_-]{4,19}/giu, '[微信号]'],
  [/wxid_[a-z0-9]+/giu, '[微信号]'],
  [/(?<=(?:qq|扣扣)[^\d\n]{0,4})\d{5,11}/giu, '[QQ]'],
  [
    /(?<=(?:住院号|病历号|门诊号|就诊卡号?|登记号|医保(?:卡|号)+|社保(?:卡|号)+|病案号|床号|条码号?|检查号|报告单?号|编号)[^\da-z\n]{0,4})[a-z]{0,4}[-]?\d[\da-z-]{1,20}/giu,
    '[号码]',
  ],
  [/(?<=(?:护照|驾照|军官证)[^\da-z\n]{0,4})[a-z]{0,2}\d{6,12}/giu, '[证件号]'],
  [/(?<!\d)(?:62|4\d|5[1-5])\d{2}(?:[\s-]?\d{4}){3}(?:[\s-]?\d{1,3})?(?!\d)/gu, '[卡号]'],
  [/[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][\s·]?[A-Z0-9]{5,6}(?![A-Z0-9])/gu, '[车牌]'],
  // Birthdays; a date alone may be one.
  [/(?:19|20)\d{2}\s?[年./-]\s?\d{1,2}\s?[月./-]\s?\d{1,2}\s?[日号]?/gu, '[日期]'],
  [/(?:19|20)\d{2}年\d{1,2}月/gu, '[日期]'],
  [/(?<=(?:生日|出生|生于|生人)[^\d\n]{0,6})\d{2,4}[^\s,，。]{0,8}/gu, '[日期]'],
  [/(?:19|20)\d{2}年?(?=出?生|的?人)/gu, '[日期]'],
  // Where somebody lives, works or is treated.
  [/[\u4e00-\u9fff]{2,7}(?:省|自治区)(?:[\u4e00-\u9fff]{1,7}[市州盟])?(?:[\u4e00-\u9fff]{1,7}[区县旗])?/gu, '[地址]'],
  [/(?<=在|住|家|来自|是|到|去)[\u4e00-\u9fff]{2,5}(?:市|区|县|镇|乡|街道|村)(?=[\u4e00-\u9fff\d]{0,14})/gu, '[地址]'],
  [/[\u4e00-\u9fffA-Za-z\d]{1,10}(?:路|街|大道|胡同|弄|巷)\s?\d+\s?[号弄](?:院)?/gu, '[地址]'],
  [/[\u4e00-\u9fff\d]{1,8}(?:小区|花园|家园|新村|公寓|大厦|社区)(?:\d+[^\s,，。？?]{0,10})?/gu, '[地址]'],
  [/\d+\s?(?:栋|幢|号楼|单元)\s?[\d\s单元室楼层-]*/gu, '[地址]'],
  [
    /[\u4e00-\u9fff]{2,10}?(?:人民|中心|第[一二三四五六七八九十]+|附属|中医|协和|同济|华西|妇幼|儿童|肿瘤|医科大学?)[\u4e00-\u9fff]{0,8}(?:医院|卫生院)/gu,
    '[医院]',
  ],
  [/(?:北京|上海|天津|重庆|广州|深圳|武汉|成都|杭州|南京|西安)[\u4e00-\u9fff]{0,8}医院/gu, '[医院]'],
  [/(?:协和|华西|同济|湘雅|瑞金|华山|中山|齐鲁|西京|301|三零一)医院/gu, '[医院]'],
  [/[\u4e00-\u9fff]{2,8}(?:大学|中学|小学|公司|集团|工厂|机械厂)(?=上班|工作|退休|上学|读书|当|做|的)/gu, '[单位]'],
  // Names: said to be one, or with a title behind.
  [
    /(?<=(?:我是|我叫|本人叫?|名叫|名字[是叫]|姓名(?:[是叫:：]|\s)|患者(?:姓名)?[:：]|病人[:：]|叫做?|联系人[:：]?)\s?)(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|夏侯|令狐|宇文|长孙|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边])[\u4e00-\u9fff]{1,2}(?=[\s,，。、;；:：!！?？今住家的电手年女男]|$)/gu,
    '[姓名]',
  ],
  [
    /(?:欧阳|司马|上官|诸葛|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文])[\u4e00-\u9fff]{0,2}(?=医生|大夫|主任|护士|教授|院长|医师|老师|阿姨|叔叔|大爷|大妈|奶奶|爷爷|先生|女士|同志|师傅)/gu,
    '[姓名]',
  ],
  [
    /(?:老|小|阿)(?:王|李|张|刘|陈|杨|赵|黄|周|吴|徐|孙|胡|朱|高|林|何|郭|马|罗|梁|宋|郑|谢|韩|唐|冯|于|董|程|曹|袁|邓|许|傅|沈|曾|彭|吕|苏|卢|蒋|蔡)(?![\u4e00-\u9fff]{0,1}[病药糖米菜瓜])/gu,
    '[姓名]',
  ],
  [/[@\uff20][^\s@\uff20\u2005]{1,20}/gu, '[姓名]'],
];

/** Names of one character would take ordinary words away. */
const SHORTEST_NAME = 2;

/**
 * The text without what tells who it is about: names of people and places,
 * telephones, numbers of cards and records, addresses, dates. Values, symptoms
 * and drugs stay, for they are what is asked about.
 *
 * @param names Names that are known to the program: of the asker, of members of the group, of doctors.
 */
export function deidentify(text: string, names: readonly string[] = []): string {
  let rest = text;
  const known = [...new Set(names.map((name) => name.trim()))].filter((name) => name.length >= SHORTEST_NAME);
  for (const name of known.sort((a, b) => b.length - a.length)) rest = rest.replaceAll(name, '[姓名]');
  for (const [pattern, word] of PATTERNS) rest = rest.replace(pattern, word);
  return rest;
}
