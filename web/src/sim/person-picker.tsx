import { useEffect, useRef } from 'react';
import type { SimPerson } from '../../../src/simulator/wire.js';
import { Avatar } from './avatar';
import { type Community, unreadOf } from './conversations';

const GROUPS: { title: string; roles: SimPerson['role'][] }[] = [
  { title: '患者与家属', roles: ['patient', 'family'] },
  { title: '医生', roles: ['doctor'] },
  { title: '管理员', roles: ['admin'] },
  { title: '其他人', roles: ['outsider'] },
];

const ROLE_WORDS: Record<SimPerson['role'], string> = {
  patient: '患者',
  family: '家属',
  doctor: '医生',
  admin: '管理员',
  outsider: '路人',
  bot: '机器人',
};

export function roleWords(person: SimPerson): string {
  return `模拟${ROLE_WORDS[person.role]}`;
}

/** Without what the tag beside it says already. */
export function descriptionOf(person: SimPerson): string {
  return person.description.replace(/^模拟[^，]{1,4}，/, '');
}

/** Choose who you are. Everybody here is simulated, and says so. */
export function PersonPicker(props: {
  community: Community;
  me: string | null;
  onPick: (contactId: string) => void;
  onClose?: () => void;
}) {
  const { community, me, onPick, onClose } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes the panel from anywhere inside it.
    <div
      className="picker"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose?.();
      }}
    >
      <div className="picker-head">
        <h2 tabIndex={-1} ref={heading}>
          选择您要扮演的人
        </h2>
        {onClose ? (
          <button type="button" className="text-button" onClick={onClose}>
            取消
          </button>
        ) : null}
      </div>
      {GROUPS.map((group) => {
        const people = community.overview.people.filter((person) => group.roles.includes(person.role));
        if (people.length === 0) return null;
        return (
          <section key={group.title} aria-label={group.title}>
            <h3>{group.title}</h3>
            <ul>
              {people.map((person) => (
                <li key={person.contactId}>
                  <button
                    type="button"
                    className="picker-person"
                    aria-current={person.contactId === me ? 'true' : undefined}
                    onClick={() => onPick(person.contactId)}
                  >
                    <span className="avatar-holder">
                      <Avatar overview={community.overview} contactId={person.contactId} />
                      {unreadOf(community, person.contactId) > 0 ? (
                        <span className="dot">
                          <span className="only-for-readers">有未读消息</span>
                        </span>
                      ) : null}
                    </span>
                    <span className="two-lines">
                      <span className="line">
                        <span className="name">{person.name}</span>
                        <span className="tag">{roleWords(person)}</span>
                      </span>
                      <span className="line faint">{descriptionOf(person)}</span>
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
