import type { ReactNode } from 'react';

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const BackIcon = () => (
  <Icon>
    <path d="M15 4 7 12l8 8" />
  </Icon>
);

export const MoreIcon = () => (
  <Icon>
    <path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth="3" />
  </Icon>
);

export const PictureIcon = () => (
  <Icon>
    <rect x="3" y="4.500" width="18" height="15" rx="2.500" />
    <circle cx="8.500" cy="9.500" r="1.500" />
    <path d="m3.500 17 5-4.500 3.500 3 4-4 4.500 4.500" />
  </Icon>
);

export const VoiceIcon = () => (
  <Icon>
    <rect x="9" y="3" width="6" height="11" rx="3" />
    <path d="M5.500 11.500a6.500 6.500 0 0 0 13 0M12 18v3" />
  </Icon>
);

export const HintIcon = () => (
  <Icon>
    <path d="M9.500 18h5M10.500 21h3M8.500 14.500a6 6 0 1 1 7 0c-.7.6-1 1.200-1 2h-5c0-.8-.3-1.400-1-2Z" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="m6 6 12 12M18 6 6 18" />
  </Icon>
);

export const WavesIcon = () => (
  <Icon>
    <path d="M8 9.500a4 4 0 0 1 0 5M11.500 7a8 8 0 0 1 0 10M15 4.500a12 12 0 0 1 0 15" />
  </Icon>
);

export const FileIcon = () => (
  <Icon>
    <path d="M6 3h8l4 4v14H6zM14 3v4h4" />
  </Icon>
);
