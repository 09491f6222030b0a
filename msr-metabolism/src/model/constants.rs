//! The constants of a model, by group and name.

use super::error::ModelError;

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Constant {
    /// Group, such as `Glycolysis`.
    pub group: String,
    /// Name within the group.
    pub name: String,
    /// Value.
    pub value: ConstantValue,
    /// Unit as text; empty where the source gives none.
    pub unit: String,
    /// Publication that the value is from; empty where the source gives none.
    pub source: String,
}

/// Value of a constant.
#[derive(Debug, Clone, PartialEq)]
pub enum ConstantValue {
    /// One number.
    Number(f64),
    /// One number for each cortical layer, from layer 1.
    Layers(Vec<f64>),
}

impl ConstantValue {
    /// The number, or the numbers of all layers.
    pub fn numbers(&self) -> &[f64] {
        match self {
            Self::Number(number) => std::slice::from_ref(number),
            Self::Layers(numbers) => numbers,
        }
    }

    /// A number, or numbers separated by `;`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let numbers: Result<Vec<f64>, _> = text.split(';').map(|number| number.trim().parse()).collect();
        match numbers.ok()?.as_slice() {
            [number] => Some(Self::Number(*number)),
            numbers => Some(Self::Layers(numbers.to_vec())),
        }
    }
}

/// All constants.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Constants {
    list: Vec<Constant>,
}

/// A row of the table.
#[derive(serde::Deserialize)]
struct Row {
    group: String,
    name: String,
    value: String,
    unit: String,
    source: String,
}

impl Constants {
    /// Reads the table `group,name,value,unit,source`; several values are separated by `;`.
    ///
    /// # Errors
    /// [`ModelError::Table`], [`ModelError::BadConstant`], [`ModelError::Duplicate`].
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let mut constants = Self::default();
        for row in csv::Reader::from_reader(text.as_bytes()).deserialize() {
            let Row { group, name, value, unit, source } =
                row.map_err(|source| ModelError::Table { table: "constants".to_owned(), source })?;
            let Some(value) = ConstantValue::parse(&value) else {
                return Err(ModelError::BadConstant { group, name, value });
            };
            constants.add(Constant { group, name, value, unit, source })?;
        }
        Ok(constants)
    }

    /// Adds a constant.
    pub(super) fn add(&mut self, constant: Constant) -> Result<(), ModelError> {
        let Constant { group, name, .. } = &constant;
        if self.list.iter().any(|known| known.group == *group && known.name == *name) {
            return Err(ModelError::Duplicate { name: format!("{group}.{name}") });
        }
        self.list.push(constant);
        Ok(())
    }

    /// All constants, in the order of the table.
    pub fn all(&self) -> &[Constant] {
        &self.list
    }

    /// The constant `group.name`.
    ///
    /// # Errors
    /// [`ModelError::UnknownGroup`] or [`ModelError::UnknownConstant`] that lists what exists.
    pub fn get(&self, group: &str, name: &str) -> Result<&ConstantValue, ModelError> {
        self.position(group, name).map(|position| &self.list[position].value)
    }

    /// Gives the constant `group.name` another value.
    ///
    /// # Errors
    /// As [`Constants::get`]; [`ModelError::WrongShape`] where a list is given for a number or the other way round;
    /// [`ModelError::NotFinite`].
    pub fn set(&mut self, group: &str, name: &str, value: ConstantValue) -> Result<(), ModelError> {
        let position = self.position(group, name)?;
        let wrong_shape =
            |expected| ModelError::WrongShape { group: group.to_owned(), name: name.to_owned(), expected };
        let numbers = match (&self.list[position].value, &value) {
            (ConstantValue::Number(_), ConstantValue::Number(number)) => std::slice::from_ref(number),
            (ConstantValue::Layers(_), ConstantValue::Layers(numbers)) if !numbers.is_empty() => numbers,
            (ConstantValue::Number(_), ConstantValue::Layers(_)) => return Err(wrong_shape("one number")),
            (ConstantValue::Layers(_), _) => return Err(wrong_shape("a list of numbers, one for each layer")),
        };
        if let Some(&value) = numbers.iter().find(|number| !number.is_finite()) {
            return Err(ModelError::NotFinite { what: format!("the constant {group}.{name}"), value });
        }
        self.list[position].value = value;
        Ok(())
    }

    fn position(&self, group: &str, name: &str) -> Result<usize, ModelError> {
        let found = self.list.iter().position(|constant| constant.group == group && constant.name == name);
        found.ok_or_else(|| {
            let in_group: Vec<String> = self
                .list
                .iter()
                .filter(|constant| constant.group == group)
                .map(|constant| constant.name.clone())
                .collect();
            if in_group.is_empty() {
                let mut available: Vec<String> = self.list.iter().map(|constant| constant.group.clone()).collect();
                available.dedup();
                return ModelError::UnknownGroup { group: group.to_owned(), available };
            }
            ModelError::UnknownConstant { group: group.to_owned(), name: name.to_owned(), available: in_group }
        })
    }
}
