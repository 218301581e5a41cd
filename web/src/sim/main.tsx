import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../base.css';
import './sim.css';
import { SimPage } from './sim-page';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <SimPage />
    </StrictMode>,
  );
}
