import { describe, expect, it } from 'vitest';
import { listen } from '../../test/triage/listen.js';
import { LEVELS } from './types.js';

type Expected = 'emergency' | 'urgent';

/** One line a case, as people type it: what must fire, and how pressing at least. */
const FIRES: Record<string, [string, Expected][]> = {
  'RF-01': [
    ['胸口疼得厉害,喘不上气', 'emergency'],
    ['我爸说心口像压了块石头,一身冷汗', 'emergency'],
    ['胸前区一阵阵揪着痛,左胳膊也跟着麻', 'emergency'],
    ['含了速效救心丸,还是疼', 'emergency'],
    ['匈口疼 出虚汗 咋办', 'emergency'],
    ['突然一下子喘不上,浑身冷汗,有糖尿病', 'emergency'],
    ['心脏现在好痛', 'emergency'],
    ['这两天老觉得胸口闷', 'urgent'],
    ['左胸口一按就疼,有一个多星期了', 'urgent'],
  ],
  'RF-02': [
    ['后背像被撕开一样疼', 'emergency'],
    ['我爱人疼得在床上打滚,说是撕裂样的痛', 'emergency'],
    ['背上刀割似的,疼得直冒汗', 'emergency'],
    ['从前胸窜到后背的疼,受不了', 'emergency'],
    ['两个胳膊量的血压差很多,胸背疼', 'emergency'],
    ['背疼得要命,像刀捅', 'emergency'],
  ],
  'RF-03': [
    ['我妈刚才吃着饭嘴歪了', 'emergency'],
    ['老伴说话突然大舌头', 'emergency'],
    ['右边胳膊一下子抬不起来了', 'emergency'],
    ['早上起来半边身子发麻没劲', 'emergency'],
    ['今天上午左手拿不住筷子,过了十分钟又好了', 'emergency'],
    ['俺爹走路往一边偏,话也说不利索', 'emergency'],
    ['突然天旋地转站都站不住', 'emergency'],
    ['头像要炸开了一样', 'emergency'],
  ],
  'RF-04': [
    ['我妈现在喊不醒', 'emergency'],
    ['人晕过去了怎么办', 'emergency'],
    ['老头子刚刚抽起来了,嘴里吐白沫', 'emergency'],
    ['我爸今天突然犯糊涂,不认识人了', 'emergency'],
    ['刚在厕所晕到了,头还磕了', 'emergency'],
    ['奶奶怎么叫都没反应', 'emergency'],
    ['翻着白眼倒下去了,翻白眼', 'emergency'],
    ['差点晕倒', 'urgent'],
  ],
  'RF-05': [
    ['打完针手抖得不行,人迷糊了', 'emergency'],
    ['低血糖昏迷了', 'emergency'],
    ['心慌出虚汗,话都说不清楚了,是不是低血糖', 'emergency'],
    ['血糖仪显示LO', 'emergency'],
    ['我爸低血糖,喂不进糖水', 'emergency'],
    ['雪糖低,站不稳了', 'emergency'],
    ['胰岛素打了还没吃饭', 'urgent'],
    ['现在又低血糖了', 'urgent'],
    ['手抖 心慌 直冒冷汗', 'urgent'],
  ],
  'RF-06': [
    ['血糖仪显示HI', 'emergency'],
    ['血糖二十几,一直吐', 'emergency'],
    ['糖尿病,嘴里一股烂苹果味', 'emergency'],
    ['吃达格列净的,今天吐了好几次', 'emergency'],
    ['停了胰岛素好几天,现在喘得厉害没劲', 'emergency'],
    ['尿酮三个加', 'emergency'],
    ['血糖爆表了,人昏昏沉沉想睡', 'emergency'],
  ],
  'RF-07': [
    ['血压两百多,头疼得要裂开', 'emergency'],
    ['高压飙到一百九,眼睛看不清', 'emergency'],
    ['血压190,吐了好几回', 'emergency'],
    ['鼻血流了半小时,止不住', 'emergency'],
    ['我爸血压很高,胸口闷得慌,躺不下', 'emergency'],
    ['低压120,头晕恶心', 'emergency'],
    ['今天血压185,没什么感觉', 'urgent'],
  ],
  'RF-08': [
    ['喘不上气了', 'emergency'],
    ['我妈嘴唇发紫,憋得慌', 'emergency'],
    ['一躺下就憋醒,只能坐着睡', 'emergency'],
    ['咳出粉红色的泡沫痰', 'emergency'],
    ['刚才咳了一大口血', 'emergency'],
    ['哮喘犯了,喷了药不管用', 'emergency'],
    ['喘部上来气', 'emergency'],
    ['上两层楼就喘', 'urgent'],
  ],
  'RF-09': [
    ['左腿突然肿了,还气短', 'emergency'],
    ['剖腹产后一周,突然喘不上气', 'emergency'],
    ['做完手术躺了几天,刚才突然胸痛', 'emergency'],
    ['查出下肢静脉血栓,今天胸闷气短', 'emergency'],
    ['骨折后打着石膏,突然呼吸困难咳血', 'emergency'],
    ['小腿又肿又疼,现在上不来气', 'emergency'],
    ['一条腿突然肿得很粗', 'urgent'],
  ],
  'RF-10': [
    ['吃完虾嘴唇肿了,嗓子发紧', 'emergency'],
    ['打了头孢以后喘不上气', 'emergency'],
    ['被马蜂蜇了,头晕眼花要倒', 'emergency'],
    ['输液输着全身起疙瘩,还憋气', 'emergency'],
    ['吃了芒果脸肿声音都哑了', 'emergency'],
    ['打完疫苗晕过去了', 'emergency'],
    ['吃了海鲜浑身起红疹', 'urgent'],
  ],
  'RF-11': [
    ['手划破了血止不住', 'emergency'],
    ['吐了一大碗血', 'emergency'],
    ['我爸拉的大便像柏油一样', 'emergency'],
    ['便血,现在头晕心慌站不起来', 'emergency'],
    ['刚才吐出来是咖啡色的东西', 'emergency'],
    ['鲜血往外喷', 'emergency'],
    ['马桶里全是血', 'emergency'],
    ['大便带血两天', 'urgent'],
  ],
  'RF-12': [
    ['肚子疼得直不起腰', 'emergency'],
    ['肚皮硬得像板,一碰就叫', 'emergency'],
    ['突然肚子绞痛,满头汗', 'emergency'],
    ['肚子痛,吐了七八次', 'emergency'],
    ['吃什么都吐,也不放屁,没放屁三天', 'emergency'],
    ['右下腹疼,发烧,一松手更疼', 'emergency'],
    ['右下腹隐隐疼', 'urgent'],
  ],
  'RF-13': [
    ['右眼突然看不见了', 'emergency'],
    ['早上起来一只眼一片黑', 'emergency'],
    ['眼前像有块纱帘挡着', 'emergency'],
    ['今天眼前突然出现一大片黑影', 'emergency'],
    ['视力一下子下降,糊得厉害', 'emergency'],
    ['洁厕灵溅到眼里,眼睛里溅进洁厕灵了', 'emergency'],
  ],
  'RF-14': [
    ['脚趾头发黑了', 'urgent'],
    ['脚底破了流脓,有臭味', 'urgent'],
    ['糖尿病人脚烫伤了', 'urgent'],
    ['脚上的伤口老不好,越来越大', 'urgent'],
    ['脚背红肿往上走', 'urgent'],
    ['脚烂了,今天发烧39度', 'emergency'],
    ['脚上化脓,人都迷糊了', 'emergency'],
  ],
  'RF-15': [
    ['怀孕七个月,下面流血了', 'emergency'],
    ['孕32周,今天胎动明显少了', 'emergency'],
    ['我媳妇怀孕八个月,头疼得厉害眼睛花', 'emergency'],
    ['孕妇肚子一阵阵发紧发硬,破水了', 'emergency'],
    ['怀孕30周抽搐了', 'emergency'],
    ['孕晚期,上腹疼得厉害', 'emergency'],
    ['怀孕吐得什么都吃不下,吐得不行', 'urgent'],
  ],
  'RF-16': [
    ['产后第五天,一小时湿透一片', 'emergency'],
    ['坐月子发烧38度5还打寒战', 'emergency'],
    ['刚生完十天,恶露突然变多还有大血块', 'emergency'],
    ['剖腹产刀口流脓了', 'emergency'],
    ['产后小腿肿疼', 'emergency'],
    ['生完孩子一周,头疼得厉害眼睛花', 'emergency'],
    ['哺乳期产后乳腺炎发烧', 'urgent'],
  ],
  'RF-17': [
    ['宝宝不吃奶了,叫不醒', 'emergency'],
    ['四十天的宝宝发烧', 'emergency'],
    ['小孩从床上掉下来,吐了两次', 'emergency'],
    ['孩子脸发紫喘得很', 'emergency'],
    ['新生儿黄到手心脚心了', 'emergency'],
    ['娃抽了两分钟', 'emergency'],
    ['宝宝一晚上没尿,囟门凹', 'emergency'],
    ['五个月宝宝烧到39度', 'urgent'],
  ],
  'RF-18': [
    ['孩子把奶奶的降压药吃了', 'emergency'],
    ['误喝了一口洁厕灵', 'emergency'],
    ['老伴把一星期的药一次吃了', 'emergency'],
    ['胰岛素打了两遍', 'emergency'],
    ['烧煤炉,一家人头疼恶心', 'emergency'],
    ['吃了头孢又喝酒,现在心慌脸红', 'emergency'],
    ['喝了百草枯,现在没事', 'emergency'],
    ['小孩吞了个纽扣电池', 'emergency'],
  ],
  'RF-19': [
    ['老人摔了一跤起不来', 'emergency'],
    ['头磕了,吐了两次', 'emergency'],
    ['开水烫了一大片,开水浇到身上', 'emergency'],
    ['中暑了说胡话', 'emergency'],
    ['吃汤圆卡住了,脸都紫了', 'emergency'],
    ['触电了,人倒了', 'emergency'],
    ['我爸被电动车撞倒了', 'emergency'],
  ],
  'RF-20': [
    ['不想活了', 'emergency'],
    ['活够了,药都攒好了', 'emergency'],
    ['今晚就走了,谢谢大家照顾', 'emergency'],
    ['遗书写好了', 'emergency'],
    ['我想从楼上跳下去', 'emergency'],
    ['真想带着孩子一起走算了', 'emergency'],
    ['控制不住想掐死宝宝', 'emergency'],
    ['吃多少安眠药会死', 'emergency'],
    ['我妈说她想跳河', 'emergency'],
  ],
  'RF-21': [
    ['活着真没意思', 'urgent'],
    ['我就是家里的累赘', 'urgent'],
    ['想消失算了', 'urgent'],
    ['生完孩子以后天天哭,对孩子没感情', 'urgent'],
    ['没有我你们会过得更好', 'urgent'],
    ['睡着了不要再醒来就好了', 'urgent'],
  ],
  'RF-22': [
    ['老公又打我了', 'emergency'],
    ['他掐我脖子', 'emergency'],
    ['我爸走丢了,找了一上午', 'emergency'],
    ['他拿着菜刀追我', 'emergency'],
    ['老人出门找不到了', 'emergency'],
    ['救命,他要杀我', 'emergency'],
  ],
  'RF-23': [
    ['胰岛素断了三天', 'urgent'],
    ['这周没去透析', 'urgent'],
    ['华法林停了一个星期', 'urgent'],
    ['激素突然停了', 'urgent'],
    ['胰岛素用完了买不到', 'urgent'],
    ['两天没打胰岛素了', 'urgent'],
  ],
  'RF-24': [
    ['高烧打寒战,人糊涂了', 'emergency'],
    ['烧到40度手脚冰凉', 'emergency'],
    ['我奶奶发烧,叫不醒,尿也没了', 'emergency'],
    ['高烧不退呼吸很快', 'emergency'],
    ['发烧39.5,血压很低', 'emergency'],
    ['烧得说胡话', 'emergency'],
  ],
};

describe.each(Object.entries(FIRES))('%s', (id, cases) => {
  it.each(cases)('fires at %s', (text, expected) => {
    const found = listen(text).flags.find((flag) => flag.id === id);
    expect(found && LEVELS.indexOf(found.level) <= LEVELS.indexOf(expected)).toBe(true);
  });
});

describe('insulin: too much of it, and how much', () => {
  it.each([
    '胰岛素打多了怎么办',
    '早上胰岛素多打了5个单位',
    '胰岛素不小心打多两个单位',
    '我胰岛素打多几个单位了',
    '胰岛素打多,现在心慌',
    '胰岛素打重了',
    '刚才多打一针胰岛素',
    '多打了8单位胰岛素',
  ])('is poisoning: %s', (text) => {
    expect(listen(text)).toMatchObject({ level: 'emergency', cardIds: ['poisoning'] });
  });

  it.each([
    '胰岛素打多少合适',
    '我妈胰岛素该打多少单位',
    '胰岛素打多久换针头',
    '胰岛素打多深',
    '胰岛素一天要打多几次好',
    '胰岛素打多次一个地方会硬结',
    '胰岛素多打几个单位行不行',
    '血糖高要多打一次胰岛素吗',
  ])('is a question: %s', (text) => {
    expect(['information', 'clinical']).toContain(listen(text).level);
  });
});

/** Within a day, and over: unstable angina and the transient ischaemic attack (SAFETY.md 2.4). */
describe('what has passed within a day', () => {
  it.each([
    ['RF-01', '昨晚胸口闷痛了半小时，现在好了'],
    ['RF-01', '今天早上心口闷了十来分钟,已经不闷了'],
    ['RF-01', '刚才胸闷了几分钟现在缓过来了'],
    ['RF-01', '中午爬楼胸口发紧,歇了一会就没了'],
    ['RF-01', '我爸下午说胸口不舒服,含了药就没事了'],
    ['RF-01', '昨天晚上心口疼了半天,今早没了'],
    ['RF-01', '今早胸口有点不舒服,现在没事'],
    ['RF-03', '今早右手没劲十分钟就好了'],
    ['RF-03', '昨晚说话不清楚几分钟,现在又正常了'],
    ['RF-03', '刚才嘴角有点歪,这会儿又正了'],
    ['RF-03', '昨晚左眼一片黑,几分钟后又看清了'],
  ])('%s is an emergency all the same: %s', (id, text) => {
    const { level, flags } = listen(text);
    expect(level).toBe('emergency');
    expect(flags.map((flag) => flag.id)).toContain(id);
  });

  it.each([
    '昨天胸口按着疼,今天好了',
    '我胸口闷了好几个月了,昨天好点了',
    '昨晚反酸烧心胸口难受,吃了药好了',
    '昨天蹲久了腿麻,站起来就好了',
    '昨天打球手没劲,休息一晚好了',
    '前天胸口有点闷,现在好了',
    '今天感冒好了,胸口也不闷了',
  ])('is none: %s', (text) => {
    expect(listen(text).level).not.toBe('emergency');
  });
});

describe('a combination', () => {
  it.each([
    ['怀孕六个月了', '下面出血了', 'RF-15'],
    ['手抖心慌', '人已经迷糊了', 'RF-05'],
    ['一条腿突然肿了', '现在气短得很', 'RF-09'],
    ['高烧', '手脚冰凉', 'RF-24'],
  ])('of %s and then %s is heard as one', (before, now, id) => {
    const at = 1_000_000;
    const lately = { recent: [{ text: before, at: at - 9 * 60_000 }], now: at };
    expect(listen(now, lately).flags).toContainEqual(expect.objectContaining({ id, level: 'emergency' }));
    const longAgo = { recent: [{ text: before, at: at - 11 * 60_000 }], now: at };
    expect(listen(now, longAgo).flags).not.toContainEqual(expect.objectContaining({ id, level: 'emergency' }));
  });

  it('is not repeated by a later message without any part of it', () => {
    const recent = [
      { text: '怀孕六个月了', at: 0 },
      { text: '下面出血了', at: 1 },
    ];
    expect(listen('谢谢大家', { recent, now: 2 }).level).toBe('information');
  });
});

describe('what is known of the person', () => {
  it('raises a level where the flag names it', () => {
    expect(listen('胸口闷了两天').level).toBe('urgent');
    expect(listen('胸口闷了两天', { profile: { heartOrStroke: true } }).level).toBe('emergency');
    expect(listen('突然气短').flags.find(({ id }) => id === 'RF-01')).toBeUndefined();
    expect(listen('突然气短', { profile: { diabetes: true } }).level).toBe('emergency');
  });

  it('is not applied to a relative', () => {
    expect(listen('我妈胸口闷了两天', { profile: { heartOrStroke: true } }).level).toBe('urgent');
  });
});

describe('blood that is drawn and cigarettes that are smoked', () => {
  it.each(['抽一次血高了就能定糖尿病吗', '抽血查到多少就算得了糖尿病', '抽烟的糖尿病人把烟戒了有哪些益处'])(
    '%s: no seizure',
    (text) => {
      expect(listen(text).level).not.toBe('emergency');
    },
  );

  it.each(['他突然抽了，尿裤子了', '抽得牙关紧咬', '抽筋的时候小便失禁'])('%s: one', (text) => {
    expect(listen(text).level).toBe('emergency');
  });
});
