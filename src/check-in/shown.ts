import { type Item, valueText } from '../observation/index.js';
import type { ShownItem } from '../text/zh-CN/check-in.js';

/** An item as texts show it. */
export function shown(item: Item): ShownItem {
  const what = item.kind === 'medication' && isPlainTaking(item.what) ? undefined : item.what;
  return { kind: item.kind, value: valueText(item), context: item.context, what };
}

/** 吃药, 药, 用药 name no drug. */
function isPlainTaking(what: string | undefined): boolean {
  return what === undefined || /^(?:按时|已|都)?(?:吃|用|服|打)?了?(?:药|针)?了?$/u.test(what);
}
