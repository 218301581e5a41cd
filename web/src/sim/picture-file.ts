import { ApiError } from '../api';

const BYTES_MAX = 2_500_000;
const SIDE_MAX = 1_600;
const SENDABLE = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

export interface PictureFile {
  name: string;
  mediaType: string;
  base64: string;
}

/** A picture small enough to send; a photo straight from a camera is made smaller first. */
export async function readPicture(file: File): Promise<PictureFile> {
  const asIs = SENDABLE.includes(file.type) && file.size <= BYTES_MAX;
  const blob = asIs ? file : await shrink(file);
  return { name: asIs ? file.name : 'photo.jpg', mediaType: blob.type, base64: await toBase64(blob) };
}

async function shrink(file: File): Promise<Blob> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new ApiError('这个文件不是能显示的图片');
  });
  const scale = Math.min(1, SIDE_MAX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85));
  if (!blob) throw new ApiError('图片处理失败，请换一张');
  return blob;
}

function toBase64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(new ApiError('图片读取失败'));
    reader.readAsDataURL(blob);
  });
}
