import { useState } from 'react';
import type { SimOverview, SimPerson, SimRoom } from '../../../src/simulator/wire.js';
import { postJson } from '../api';
import { Avatar } from './avatar';
import { nameIn } from './conversations';

/** Who is in the room, and the way out of it. */
export function RoomMembers(props: {
  overview: SimOverview;
  room: SimRoom;
  me: SimPerson;
  onClose: () => void;
  onLeft: () => void;
  onProblem: (error: unknown) => void;
}) {
  const { overview, room, me } = props;
  const [sure, setSure] = useState(false);
  const leave = async () => {
    try {
      await postJson(`/api/sim/rooms/${encodeURIComponent(room.roomId)}/leave`, { as: me.contactId });
      props.onLeft();
    } catch (error) {
      props.onProblem(error);
    }
  };
  return (
    <section className="members" aria-label="群成员">
      <ul>
        {room.memberIds.map((contactId) => (
          <li key={contactId}>
            <Avatar overview={overview} contactId={contactId} />
            <span>{nameIn(overview, room.roomId, contactId)}</span>
          </li>
        ))}
      </ul>
      <p className="members-actions">
        <button type="button" className="text-button danger" onClick={() => (sure ? leave() : setSure(true))}>
          {sure ? '确定退出？再点一次' : '退出群聊'}
        </button>
        <button type="button" className="text-button" onClick={props.onClose}>
          收起
        </button>
      </p>
    </section>
  );
}
