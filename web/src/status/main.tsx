import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../base.css';
import './status.css';
import { StatusPage } from './status-page';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <StatusPage />
    </StrictMode>,
  );
}
