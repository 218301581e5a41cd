import { type Item, valueText } from '../observation/index.js';
import type { ShownItem } from '../text/zh-CN/check-in.js';

/** An item as texts show it. */
export function shown(item: Item): ShownItem {
  return { kind: item.kind, value: valueText(item), context: item.context, what: item.what };
}
