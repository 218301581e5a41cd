import { useEffect, useRef } from 'react';
import type { SimMessage } from '../../../src/simulator/wire.js';

/** A picture as large as the screen; a tap or Escape closes it. */
export function PictureViewer({ picture, onClose }: { picture: SimMessage; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog className="picture-viewer" ref={dialog} onClose={onClose} aria-label="查看图片">
      <button type="button" aria-label="关闭图片" onClick={onClose}>
        <img src={picture.fileUrl} alt={`图片 ${picture.text}`} />
      </button>
    </dialog>
  );
}
