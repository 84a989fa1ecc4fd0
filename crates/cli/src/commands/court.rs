//! The oracle of a run, made when it is first asked: a plan asks for nothing but its digest.

use std::path::PathBuf;

use fanfold_agent::isolation::OpenWorkspaces;
use fanfold_core::{CallKey, Failure, FailureKind, Judgement, LandCall, Landing, Oracle, OracleCall};
use fanfold_oracle::{Court, OracleSpec, Surroundings};
use fanfold_sandbox::{Level, Sandbox};
use futures_util::future::BoxFuture;
use tokio::sync::OnceCell;

use super::confinement;
use crate::world::World;

pub struct LazyCourt {
    pub spec: Option<OracleSpec>,
    pub run_dir: PathBuf,
    pub workspaces: OpenWorkspaces,
    /// Tried already where the run is sure to need it.
    pub sandbox: Option<Sandbox>,
    pub level: Level,
    pub surroundings: Surroundings,
    pub world: World,
    pub court: OnceCell<Court>,
}

impl LazyCourt {
    async fn court(&self) -> Result<&Court, Failure> {
        self.court.get_or_try_init(|| self.make()).await
    }

    async fn make(&self) -> Result<Court, Failure> {
        let failed = |message| Failure { kind: FailureKind::Oracle, message };
        let sandbox = match &self.sandbox {
            Some(sandbox) => sandbox.clone(),
            None => confinement::sandbox(self.level, &self.world).map_err(|err| failed(err.message))?,
        };
        let (open, run_dir) = (self.workspaces.clone(), self.run_dir.clone());
        let opened = tokio::task::spawn_blocking(move || open(&run_dir)).await;
        let workspaces = opened.map_err(|died| failed(died.to_string()))?.map_err(failed)?;
        Ok(Court::new(self.spec.clone(), workspaces, sandbox, self.surroundings.clone()))
    }
}

impl Oracle for LazyCourt {
    fn digest(&self) -> Option<String> {
        self.spec.as_ref().map(OracleSpec::digest)
    }

    fn warnings(&self) -> BoxFuture<'_, Vec<String>> {
        Box::pin(async move {
            match self.court().await {
                Ok(court) => court.warnings().await,
                // The start cannot be judged then, and that says why.
                Err(_) => Vec::new(),
            }
        })
    }

    fn baseline<'a>(
        &'a self,
        recorded: Option<Judgement>,
        has_worked: bool,
    ) -> BoxFuture<'a, Result<Judgement, Failure>> {
        Box::pin(async move { self.court().await?.baseline(recorded, has_worked).await })
    }

    fn judge<'a>(&'a self, call: &'a OracleCall) -> BoxFuture<'a, Result<Judgement, Failure>> {
        Box::pin(async move { self.court().await?.judge(call).await })
    }

    fn land<'a>(&'a self, key: &'a CallKey, call: &'a LandCall) -> BoxFuture<'a, Result<Landing, Failure>> {
        Box::pin(async move { self.court().await?.land(key, call).await })
    }
}
